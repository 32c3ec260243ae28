// What every full page starts with. A room adds its own modules in the block "scripts".
import "entraide/toast";
import "entraide/dialog";
import "entraide/menu";
import "entraide/keys";
import "entraide/drafts";
import "entraide/share";
import "entraide/htmx-handlers";

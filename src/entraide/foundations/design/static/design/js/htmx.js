// htmx comes as a plain script (deferred, so before any module); this gives it to modules by name.
export default globalThis.htmx;

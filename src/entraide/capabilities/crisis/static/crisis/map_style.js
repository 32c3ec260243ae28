// The base map: land and borders from our own server in the colours of the page. No third party is asked.

export async function houseStyle(element) {
  const colour = (name) => served(getComputedStyle(element).getPropertyValue(name).trim());
  const land = element.dataset.land;
  const style = {
    version: 8,
    sources: {},
    layers: [{ id: "sea", type: "background", paint: { "background-color": colour("--sea") } }],
  };
  if (land) {
    style.sources.land = { type: "geojson", data: new URL(land, location.href).href, tolerance: 0.2 };
    style.layers.push(
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colour("--land"), "fill-antialias": true } },
      { id: "shores", type: "line", source: "land", paint: { "line-color": colour("--line"), "line-width": 1 } },
    );
  }
  return style;
}

// The page's colours are OKLCH, which MapLibre does not read: let the browser paint one pixel and look.
function served(colour) {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = colour || "#ddd";
  pen.fillRect(0, 0, 1, 1);
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return `rgb(${red},${green},${blue})`;
}

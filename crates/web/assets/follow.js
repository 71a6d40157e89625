// @ts-check
// The desk follows what the phone does.

const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-follow]"));
if (place && typeof EventSource !== "undefined") follow(place);

/** @param {HTMLElement} root */
function follow(root) {
  const source = new EventSource(root.dataset.follow ?? "");
  source.onmessage = (event) => {
    /** @type {{ done?: string[], over?: boolean }} */
    const told = JSON.parse(event.data);
    if (told.over) {
      source.close();
      location.replace(root.dataset.then ?? "/verify");
      return;
    }
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-step]"))) {
      const done = told.done?.includes(item.dataset.step ?? "") ?? false;
      item.className = done ? "done" : "later";
    }
  };
}

export {};

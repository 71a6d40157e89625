// @ts-check
// Shows what is being done, as the server tells it, and goes on when it is done.

const place = /** @type {HTMLElement | null} */ (document.querySelector("[data-progress]"));
if (place) follow(place);

/** @param {HTMLElement} root */
function follow(root) {
  const items = /** @type {HTMLElement[]} */ ([...root.querySelectorAll("[data-stage]")]);
  const onward = () => location.replace("/verify");
  /** @type {number | undefined} */
  let poll;

  /** @param {string} stage */
  function show(stage) {
    const at = items.findIndex((item) => item.dataset.stage === stage);
    if (at < 0) return;
    items.forEach((item, i) => {
      item.className = i < at ? "done" : i === at ? "now" : "later";
    });
  }

  // The page itself is asked again when events do not come: it is answered with the next page once it is done.
  function ask() {
    poll ??= window.setInterval(onward, 5000);
  }

  if (typeof EventSource === "undefined") return ask();
  const source = new EventSource(root.dataset.progress ?? "");
  let failed = 0;
  source.onmessage = (event) => {
    failed = 0;
    /** @type {{ stage?: string }} */
    let told = {};
    try {
      told = JSON.parse(event.data);
    } catch {
      return;
    }
    if (told.stage === "done") {
      source.close();
      items.forEach((item) => (item.className = "done"));
      onward();
    } else if (told.stage) {
      show(told.stage);
    }
  };
  source.onerror = () => {
    failed += 1;
    if (failed >= 3 || source.readyState === EventSource.CLOSED) {
      source.close();
      ask();
    }
  };
  // Some networks hold events back until the answer ends.
  window.setTimeout(ask, 60_000);
}

export {};

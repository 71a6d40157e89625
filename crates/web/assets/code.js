// @ts-check
// Counts down until another code can be sent. Without it the button is always there, and the server says how long.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-resend]"));
if (form) count(form);

/** @param {HTMLFormElement} form */
function count(form) {
  const button = form.querySelector("button");
  const wait = /** @type {HTMLElement | null} */ (form.querySelector("[data-wait]"));
  const { seconds = "0", word = "" } = form.dataset;
  if (!button || !wait) return;
  const end = performance.now() + Number(seconds) * 1000;
  const show = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    button.disabled = left > 0;
    wait.hidden = left === 0;
    wait.textContent = word.replace("{n}", String(left));
    if (left === 0) window.clearInterval(timer);
  };
  const timer = window.setInterval(show, 500);
  show();
}

export {};

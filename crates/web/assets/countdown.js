// @ts-check
// Offers more time when little is left, and opens the server's page when none is.

const offer = /** @type {HTMLFormElement | null} */ (document.querySelector("form.time"));
if (offer) count(offer);

/** @param {HTMLFormElement} form */
function count(form) {
  const clock = form.querySelector(".clock");
  const { seconds = "0", warn = "0", word = "", over = "" } = form.dataset;
  // The clock that does not jump when the phone's time is set.
  const end = performance.now() + Number(seconds) * 1000;
  const show = () => {
    const left = Math.max(0, (end - performance.now()) / 1000);
    if (left > Number(warn)) return;
    const text = left > 0 ? word.replace("{n}", String(Math.ceil(left / 60))) : over;
    if (clock && clock.textContent !== text) clock.textContent = text;
    form.hidden = false;
    form.classList.add("warn");
    if (left === 0) window.clearInterval(timer);
  };
  const timer = window.setInterval(show, 1000);
  show();
}

export {};

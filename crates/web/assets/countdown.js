// @ts-check
// Counts the minutes down, and offers more when few are left.

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
    const text = left > 0 ? word.replace("{n}", String(Math.ceil(left / 60))) : over;
    if (clock && clock.textContent !== text) clock.textContent = text;
    if (left === 0) {
      window.clearInterval(timer);
      // The server has a page that says so, and what to do now.
      // What is being written to a person stays.
      const writes = [...document.querySelectorAll("textarea")].some((text) => text.value);
      if (!writes) window.setTimeout(() => location.assign("/verify"), 1500);
    }
    if (left > Number(warn) || form.classList.contains("warn")) return;
    form.classList.replace("quiet", "warn");
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-offer]"))) part.hidden = false;
  };
  const timer = window.setInterval(show, 1000);
  show();
}

export {};

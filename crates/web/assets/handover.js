// @ts-check
// An app whose browser takes nothing but an address hands its assertion over behind "#", which no server, log or other
// page is told. It is posted at once, and taken out of the address.

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("[data-handover]"));
const field = /** @type {HTMLInputElement | null | undefined} */ (form?.querySelector("[name=account_assertion]"));
const handed = new URLSearchParams(location.hash.slice(1)).get("account_assertion");
if (location.hash) history.replaceState(null, "", location.pathname + location.search);
if (form && field && handed) {
  field.value = handed;
  form.submit();
}

export {};

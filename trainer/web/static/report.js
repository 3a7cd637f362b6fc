// @ts-check
// Reporting a film below its truth: the answer takes the form's place, and the sitting stays where it is.

document.addEventListener('submit', async (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!('report' in form.dataset)) return;
  event.preventDefault();
  const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
  button.disabled = true;
  try {
    const answer = await fetch(form.action, { method: 'POST', body: new FormData(form), headers: { 'X-Requested-With': 'fetch' } });
    const text = await answer.text();
    if (answer.headers.get('Content-Type')?.startsWith('text/html')) {
      const place = /** @type {Element} */ (form.closest('[data-reported]'));
      const fresh = document.createRange().createContextualFragment(text); // rendered by our own server, escaped there
      const node = /** @type {HTMLElement|null} */ (fresh.querySelector('[autofocus], [tabindex]'));
      place.replaceWith(fresh);
      node?.focus();
      return;
    }
    say(form, text);
  } catch {
    say(form, 'Not sent: the server does not answer. What you wrote is still here; try again.');
  } finally {
    button.disabled = false;
  }
});

/** @param {HTMLFormElement} form @param {string} words */
function say(form, words) {
  let place = /** @type {HTMLElement|null} */ (form.querySelector('[role=alert]'));
  if (!place) {
    place = document.createElement('p');
    place.className = 'alert bad';
    place.setAttribute('role', 'alert');
    form.prepend(place);
  }
  place.textContent = words;
}

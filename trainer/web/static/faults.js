// @ts-check
// What the server says of a form's fields, for a form that a script sends: tied to them as `_forms.html` does it.

/**
 * Tie what is said to the fields and put the focus on the first; what was said before goes.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} faults what is wrong, by the name of the field
 * @returns {string} what is about none of the fields that are to be seen
 */
export function tie(form, faults) {
  untie(form);
  const rest = [];
  for (const [name, words] of Object.entries(faults)) {
    const inputs = name ? fields(form, name) : [];
    const place = inputs[0]?.closest('.field, fieldset');
    if (!place) {
      rest.push(words);
      continue;
    }
    const said = document.createElement('p');
    said.className = 'error';
    said.id = `${name}-error`;
    said.textContent = words;
    place.append(said);
    for (const input of inputs) {
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', said.id);
    }
  }
  /** @type {HTMLElement|null} */ (form.querySelector('[aria-invalid]'))?.focus();
  return rest.join(' ');
}

/** @param {HTMLFormElement} form */
export function untie(form) {
  for (const said of form.querySelectorAll('.error')) said.remove();
  for (const input of form.querySelectorAll('[aria-invalid]')) {
    input.removeAttribute('aria-invalid');
    input.removeAttribute('aria-describedby');
  }
}

/** @param {HTMLFormElement} form @param {string} name @returns {HTMLElement[]} those that are to be seen */
function fields(form, name) {
  const all = /** @type {HTMLElement[]} */ ([...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]);
  return all.filter((input) => input.getClientRects().length);
}

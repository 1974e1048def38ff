// Everything works without this file; it spares a page load here and a slip there.

import htmx from 'htmx.org/dist/htmx.esm.js';

// Nothing that a strict content policy forbids, no foreign hosts, and no personal pages kept in the browser's store.
Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  includeIndicatorStyles: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  // A form that comes back with errors (422) is an answer like any other.
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '[45]..', swap: false, error: true },
  ],
});

// A code pasted with spaces or dashes is still the code.
document.addEventListener('input', ({ target }) => {
  if (target.matches('[data-code]')) {
    const digits = target.value.replace(/\D/g, '').slice(0, 6);
    if (digits !== target.value) target.value = digits;
  }
});

// What a form makes is shown beside it while one writes, as its button does. Each time in a frame of its own: one that
// goes on to another page would stand in the way back. Files stay here until the form is sent.
let soon;
let looks = 0;
const lookAt = (form, button) => {
  const place = document.getElementById(button.dataset.look);
  const shown = place.firstElementChild;
  const next = shown.cloneNode();
  while (shown.nextElementSibling) shown.nextElementSibling.remove();
  next.removeAttribute('src');
  looks += 1;
  next.name = `${button.dataset.look}-${looks}`;
  button.formTarget = next.name;
  next.hidden = true;
  place.append(next);
  next.addEventListener('load', () => {
    next.hidden = false;
    shown.remove();
  });
  const files = [...form.elements].filter((field) => field.type === 'file');
  for (const field of files) field.disabled = true;
  form.requestSubmit(button);
  for (const field of files) field.disabled = false;
};
for (const name of ['input', 'change']) {
  document.addEventListener(name, ({ target: { form } }) => {
    const button = form && [...form.elements].find((field) => field.matches('[data-look]'));
    if (!button) return;
    clearTimeout(soon);
    soon = setTimeout(() => lookAt(form, button), 400);
  });
}

// Sent once, however impatiently one clicks; after three seconds again, for answers that leave the page standing.
const sent = new WeakSet();
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.submitter?.formTarget) return;
  clearTimeout(soon);
  if (form.method !== 'post' || form.matches('[hx-post], [data-hx-post]')) return;
  if (sent.has(form)) event.preventDefault();
  else if (!event.defaultPrevented) {
    sent.add(form);
    setTimeout(() => sent.delete(form), 3000);
  }
});

// Questions that depend on another answer appear with it. The server looks for itself what applies.
const isChosen = ({ dataset: { shownIf, shownIfAnswer } }, form) =>
  [...form.elements].some(
    (field) => field.name === shownIf && field.value === shownIfAnswer && field.checked && !field.closest('[hidden]'),
  );
const showWhatApplies = () => {
  for (const part of document.querySelectorAll('[data-shown-if]')) {
    part.querySelector('.follow-up-condition').hidden = true;
    part.hidden = !isChosen(part, part.closest('form'));
  }
};
showWhatApplies();
for (const name of ['change', 'pageshow', 'htmx:afterSettle']) addEventListener(name, showWhatApplies);

// A field that only some answers of another one need is there with these.
const showWhatIsUsed = () => {
  for (const part of document.querySelectorAll('[data-used-by]')) {
    const { usedBy, usedFor } = part.dataset;
    part.hidden = !usedFor.split(' ').includes(document.getElementById(usedBy).value);
  }
};
showWhatIsUsed();
for (const name of ['change', 'pageshow']) addEventListener(name, showWhatIsUsed);

// A link to a wrong field puts the cursor there, not only the page.
document.addEventListener('click', ({ target }) => {
  const link = target.closest('.error-summary a[href^="#"]');
  if (link) document.getElementById(link.hash.slice(1))?.focus();
});

// Answers that fail must not fail silently.
const trouble = (hidden) => () => {
  const note = document.getElementById('trouble');
  if (note) note.hidden = hidden;
};
document.addEventListener('htmx:beforeRequest', trouble(true));
for (const name of ['htmx:sendError', 'htmx:responseError', 'htmx:timeout']) {
  document.addEventListener(name, trouble(false));
}

// What is folded belongs on paper too.
addEventListener('beforeprint', () => {
  for (const fold of document.querySelectorAll('.fold:not([open])')) {
    fold.open = true;
    addEventListener('afterprint', () => (fold.open = false), { once: true });
  }
});

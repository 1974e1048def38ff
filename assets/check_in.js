// The door: goes on without a connection. The list is loaded once; what is noted waits in the browser's store under a
// number of its own until the server has it. Without this file the page works with a reload for every person.

import decodeQR from 'qr/decode.js';

const SHOWN = 50;
const AT_ONCE = 100;
const RETRY = 5000;
const SAME_CODE = 3000;
const TOKEN = /^[\w-]{32}$/;

const door = document.getElementById('einlass');
const part = (name) => door.querySelector(`[data-${name}]`);
const words = (name, values = {}) => door.dataset[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? '');
const search = door.querySelector('input[name=q]');
const people = new Map();
const byToken = new Map();
const store = `door ${door.dataset.sync}`;
let queue = kept();
let isSending = false;

// ── What waits ──────────────────────────────────────────────────────────────────────────────────────────────────────

function kept() {
  try {
    return JSON.parse(localStorage.getItem(store)) ?? [];
  } catch {
    return [];
  }
}

function keep() {
  try {
    if (queue.length) localStorage.setItem(store, JSON.stringify(queue));
    else localStorage.removeItem(store);
  } catch {
    // A browser that stores nothing still has it until the page is left.
  }
  showWaiting();
}

function showWaiting(note = '') {
  const line = part('waiting');
  const wasWaiting = !line.hidden && line.classList.contains('is-waiting');
  line.classList.toggle('is-waiting', queue.length > 0);
  if (queue.length) {
    line.textContent = `${queue.length === 1 ? words('waitingOne') : words('waitingMany', { count: queue.length })} ${note}`;
    line.hidden = false;
  } else if (wasWaiting) line.textContent = words('allSent');
}

addEventListener('beforeunload', (event) => {
  if (queue.length && !isStored()) event.preventDefault();
});

function isStored() {
  try {
    return localStorage.getItem(store) !== null;
  } catch {
    return false;
  }
}

async function send() {
  if (isSending || !queue.length) return;
  isSending = true;
  let note = '';
  try {
    while (queue.length) {
      const batch = queue.slice(0, AT_ONCE);
      const body = new URLSearchParams({ csrf_token: door.querySelector('[name=csrf_token]').value });
      for (const one of batch) body.append('seen', `${one.key},${one.number},${one.at}`);
      const answer = await fetch(door.dataset.sync, { method: 'POST', body, redirect: 'manual' });
      if (!answer.ok) {
        if (answer.type === 'opaqueredirect' || answer.status < 500) note = words('signIn');
        break;
      }
      const { results } = await answer.json();
      const done = new Set(results.map((one) => one.key));
      for (const one of results) if (one.refusal) refuse(batch.find(({ key }) => key === one.key), one.refusal);
      queue = queue.filter(({ key }) => !done.has(key));
      keep();
      if (!batch.some(({ key }) => done.has(key))) break;
    }
  } catch {
    // No connection: tried again below, and as soon as the browser says that there is one.
  } finally {
    isSending = false;
    showWaiting(note);
  }
}

function refuse(scan, refusal) {
  const person = people.get(scan?.number);
  const item = document.createElement('li');
  item.textContent = `${person?.name ?? ''} ${refusal}`.trim();
  part('refused').append(item);
  part('refused').hidden = false;
  if (person?.state === 'attended') Object.assign(person, person.before ?? { state: 'confirmed', since: '' });
  show();
}

addEventListener('online', send);
setInterval(send, RETRY);

// ── Who is there ────────────────────────────────────────────────────────────────────────────────────────────────────

function say(text, isGood = true) {
  const line = part('said');
  line.textContent = text;
  line.hidden = false;
  line.classList.toggle('is-bad', !isGood);
}

const clock = (moment) => new Date(moment).toLocaleTimeString('de', { hour: '2-digit', minute: '2-digit', timeZone: 'Europe/Berlin' });
const number = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

function note(person) {
  if ('closed' in door.dataset) {
    say(words('closed'), false);
    return;
  }
  if (person.state === 'attended') {
    say(words('already', { name: person.name, when: person.since }));
    return;
  }
  const scan = { key: number(), number: person.number, at: Date.now() };
  queue.push(scan);
  person.before = { state: person.state, since: '' };
  Object.assign(person, { state: 'attended', since: clock(scan.at) });
  keep();
  say(words('there', { name: person.name }));
  show();
  send();
}

// What has not left yet can be taken back here; everything else asks the server.
function takesBack(person) {
  if (isSending || !queue.some((one) => one.number === person.number)) return false;
  queue = queue.filter((one) => one.number !== person.number);
  Object.assign(person, person.before ?? { state: 'confirmed', since: '' });
  keep();
  say(words('undone', { name: person.name }));
  show();
  return true;
}

door.addEventListener('submit', (event) => {
  const { deed } = event.target.dataset;
  if (!deed) return;
  const item = event.target.closest('[data-number]');
  const known = Number(item.dataset.number);
  const person = people.get(known) ?? { number: known, name: item.querySelector('.door-name').textContent, state: '' };
  people.set(known, person);
  if (deed === 'there') {
    event.preventDefault();
    note(person);
  } else if (deed === 'undo' && takesBack(person)) event.preventDefault();
  else if (!navigator.onLine) {
    event.preventDefault();
    say(words('needsLine'), false);
  }
});

// ── The list ────────────────────────────────────────────────────────────────────────────────────────────────────────

const fold = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const STATES = { attended: (person) => words('since', { when: person.since }), excused: () => words('excused'), absent: () => words('absent') };

function draw(person) {
  const item = part('person').content.firstElementChild.cloneNode(true);
  item.dataset.number = person.number;
  item.className = `door-person is-${person.state}`;
  item.querySelector('.door-name').textContent = person.name;
  item.querySelector('.door-body').textContent = person.body ?? '';
  item.querySelector('.door-state').textContent = STATES[person.state]?.(person) ?? '';
  for (const form of item.querySelectorAll('form')) {
    form.setAttribute('action', form.getAttribute('action').replace('/0/', `/${person.number}/`));
    form.hidden = { there: person.state === 'attended', excuse: ['attended', 'excused'].includes(person.state), undo: !['attended', 'excused'].includes(person.state) }[form.dataset.deed];
    form.elements.q.value = search.value;
    form.querySelector('.visually-hidden').textContent = person.name;
  }
  return item;
}

let isLoaded = false;

function show() {
  count();
  if (!isLoaded) {
    redraw();
    return;
  }
  const wanted = fold(search.value.trim());
  const found = TOKEN.test(search.value.trim()) && byToken.has(search.value.trim())
    ? [byToken.get(search.value.trim())]
    : [...people.values()].filter((person) => person.key?.includes(wanted));
  const had = document.activeElement?.closest('[data-number]')?.dataset.number;
  part('people').replaceChildren(...found.slice(0, SHOWN).map(draw));
  if (had) part('people').querySelector(`[data-number="${had}"] form:not([hidden]) button`)?.focus();
  part('nobody-here').hidden = found.length > 0;
  part('pages').hidden = true;
}

// Before the list is there: only those who have changed.
function redraw() {
  for (const item of part('people').children) {
    const person = people.get(Number(item.dataset.number));
    if (person) item.replaceWith(draw(person));
  }
}

function count() {
  if (!isLoaded) return;
  const all = [...people.values()];
  part('count-there').textContent = all.filter(({ state }) => state === 'attended').length;
  part('count-expected').textContent = all.filter(({ state }) => state !== 'excused').length;
}

async function load() {
  try {
    const answer = await fetch(door.dataset.list, { redirect: 'manual' });
    if (!answer.ok) return;
    const list = await answer.json();
    for (const one of list.people) {
      people.set(one.number, { ...one, key: fold(`${one.name} ${one.body}`) });
      byToken.set(one.token, people.get(one.number));
    }
  } catch {
    return;
  }
  isLoaded = true;
  for (const { number: waiting, at } of queue) {
    const person = people.get(waiting);
    if (person && person.state !== 'attended') {
      person.before = { state: person.state, since: '' };
      Object.assign(person, { state: 'attended', since: clock(at) });
    }
  }
  show();
}

let typed = search.value;
search.addEventListener('input', () => {
  if (isLoaded) show();
});
door.querySelector('.door-search').addEventListener('submit', (event) => {
  if (!isLoaded) return;
  event.preventDefault();
  const person = byToken.get(search.value.trim());
  if (person) {
    // A reader with a cable types the code and presses Enter.
    note(person);
    search.value = '';
    show();
  } else if (typed !== search.value) show();
  typed = search.value;
});

// ── The camera ──────────────────────────────────────────────────────────────────────────────────────────────────────

let stream;
let last = { text: '', at: 0 };

async function reader() {
  if ('BarcodeDetector' in window) {
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (formats.includes('qr_code')) {
      const detector = new BarcodeDetector({ formats: ['qr_code'] });
      return async (video) => (await detector.detect(video))[0]?.rawValue;
    }
  }
  const canvas = new OffscreenCanvas(1, 1);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return (video) => {
    const scale = Math.min(1, 640 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return undefined; // no code in this picture
    }
  };
}

function take(text) {
  const at = Date.now();
  if (text === last.text && at - last.at < SAME_CODE) {
    last.at = at;
    return;
  }
  last = { text, at };
  const person = byToken.get(text.trim());
  if (person) note(person);
  else say(words('unknown'), false);
  navigator.vibrate?.(person ? 80 : [80, 80, 80]);
}

async function look() {
  const video = part('video');
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    video.srcObject = stream;
    await video.play();
  } catch {
    stop();
    say(words('noCamera'), false);
    return;
  }
  video.hidden = false;
  part('camera-on').hidden = true;
  part('camera-off').hidden = false;
  const read = await reader();
  while (stream) {
    const text = video.videoWidth ? await Promise.resolve(read(video)).catch(() => undefined) : undefined;
    if (text) take(text);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

function stop() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  part('video').hidden = true;
  part('camera-on').hidden = false;
  part('camera-off').hidden = true;
}

if (navigator.mediaDevices?.getUserMedia && !('closed' in door.dataset)) part('camera').hidden = false;
part('camera-on').addEventListener('click', look);
part('camera-off').addEventListener('click', stop);

// A page that was opened too early opens with the door.
const early = Number(door.dataset.opens) * 1000 - Date.now();
if (early > 0 && early < 86_400_000) setTimeout(() => location.reload(), early);

showWaiting();
load();
send();

// The demo portal's page: what is on screen for each state of a session.

import * as portal from './portal.js';
import { SignSession } from './sign.js';

const $ = (id) => document.getElementById(id);
const PANELS = ['pick', 'scan', 'confirm', 'choose', 'wait', 'done', 'ended'];
const MAX_BYTES = 50 * 1024 * 1024;

const lang = (new URLSearchParams(location.search).get('lang') ?? navigator.language).startsWith('en') ? 'en' : 'zh-CN';
const texts = await (await fetch(new URL(`text.${lang}.json`, import.meta.url))).json();
const t = (key, values = {}) => (texts[key] ?? texts.errors.UNKNOWN).replace(/\{(\w+)\}/g, (_, name) => values[name]);
const errorText = (code) => texts.here[code] ?? texts.errors[code] ?? texts.errors.UNKNOWN;

let session;
let docs = []; // what this session is for
let connected = ''; // the phone's label, while one is connected
let countdown;

function show(panel, step, status) {
  const lost = PANELS.some((id) => id !== panel && $(id).contains(document.activeElement));
  for (const id of PANELS) $(id).hidden = id !== panel;
  [...$('steps').children].forEach((li, i) => {
    li.className = i < step ? 'past' : '';
    i === step ? li.setAttribute('aria-current', 'step') : li.removeAttribute('aria-current');
  });
  document.body.dataset.panel = panel;
  $('status').textContent = status ?? '';
  if (lost) $(panel).querySelector('h2').focus();
}

function problem(text) {
  $('problem').textContent = text ?? '';
  $('problem').hidden = !text;
}

function link(key, values) {
  $('link').hidden = !connected;
  $('link').classList.toggle('away', key !== 'connected');
  $('link_text').textContent = connected && t(key, { label: connected, ...values });
}

function waiting(key, { value, max } = {}) {
  $('wait_title').textContent = t(key, { done: value, total: max });
  $('wait_note').textContent = t(`${key}_note`);
  const bar = $('progress');
  max ? Object.assign(bar, { value, max }) : bar.removeAttribute('value');
  $('cancel').hidden = key === 'upload' || key === 'handover';
  show('wait', key === 'upload' ? 0 : 2, t(key, { done: value, total: max }));
}

const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

async function files() {
  const all = await portal.list().catch(({ code }) => problem(errorText(code)));
  if (!all) return;
  $('files').hidden = !all.length;
  $('list').replaceChildren(
    ...all.reverse().map(({ doc, name, size: bytes, pages, download }) => {
      const row = $('row').content.cloneNode(true).firstElementChild;
      const [file, state, anchor, button] = row.children;
      file.firstElementChild.textContent = name;
      file.lastElementChild.textContent = t('pages', { pages, size: size(bytes) });
      state.textContent = t(download ? 'signed' : 'unsigned');
      row.className = download ? 'signed' : '';
      anchor.hidden = !download;
      button.hidden = !!download;
      if (download) anchor.href = download;
      anchor.textContent = t('download_short');
      button.textContent = t('sign_this');
      anchor.setAttribute('aria-label', `${t('download_short')} ${name}`);
      button.setAttribute('aria-label', `${t('sign_this')} ${name}`);
      button.onclick = () => begin([doc]);
      return row;
    }),
  );
}

function home() {
  show('pick', 0);
  problem();
  files();
}

function unfinished(code) {
  home();
  problem(code ? t('unfinished_why', { why: errorText(code) }) : t('unfinished'));
}

/** Ends a session whose further events are of no interest. */
function leave(reason) {
  const old = session;
  session = undefined;
  connected = '';
  link('connected');
  clearInterval(countdown);
  old?.end(reason);
}

async function take(chosen) {
  problem();
  if (!chosen.length) return;
  if (chosen.some((file) => file.size > MAX_BYTES)) return problem(errorText('DOC_SIZE'));
  waiting('upload');
  try {
    const made = [];
    for (const file of chosen) made.push((await portal.upload(file)).doc);
    files();
    await begin(made);
  } catch ({ code }) {
    home();
    problem(errorText(code));
  }
}

/** Signs over the standing connection (YQQ-026), or shows a code for a new one. */
async function begin(wanted) {
  problem();
  docs = wanted;
  if (connected && session.cert) return session.sign(docs);
  leave('replaced');
  try {
    const [made, server] = await portal.open(docs);
    const own = await SignSession.start(made, server, (state, detail) => {
      if (own === session) states[state]?.(detail);
    });
    session = own;
    $('qr').removeAttribute('src');
    $('expired').hidden = true;
    show('scan', 1, t('scan_status'));
  } catch ({ code }) {
    home();
    problem(errorText(code));
  }
}

function expire() {
  clearInterval(countdown);
  $('expired').hidden = false;
  $('count').textContent = '';
  $('status').textContent = t('expired');
}

function drawCode({ image, expires }) {
  $('qr').src = image;
  $('qr').alt = t('qr_alt');
  $('expired').hidden = true;
  problem();
  // By the clock, not by counting ticks: a laptop may have slept.
  const end = Date.now() + expires * 1000;
  clearInterval(countdown);
  const tick = () => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    $('count').textContent = t('count', { seconds });
    if (seconds <= 0) expire();
  };
  tick();
  countdown = setInterval(tick, 1000);
}

function offers(certs) {
  if (!certs.length) return session.end('error', { code: 'CERT_NONE' });
  const choices = certs.flatMap((cert) => (cert.seals.length ? cert.seals : [null]).map((seal) => ({ cert, seal })));
  $('offers').replaceChildren(
    ...choices.map(({ cert, seal }, i) => {
      const row = $('offer').content.cloneNode(true).firstElementChild;
      const [radio, picture, words] = row.children;
      radio.checked = i === 0;
      radio.value = i;
      picture.hidden = !seal;
      if (seal) picture.src = `data:image/png;base64,${btoa(Array.from(seal.thumbnail, (b) => String.fromCharCode(b)).join(''))}`;
      words.firstElementChild.textContent = seal ? seal.name : t('no_seal');
      const until = new Date(cert.not_after * 1000).toLocaleDateString(lang);
      words.lastElementChild.textContent = t('offer', { subject: cert.subject, issuer: cert.issuer, until });
      return row;
    }),
  );
  $('choose').onsubmit = (event) => {
    event.preventDefault();
    const { cert, seal } = choices[new FormData($('choose')).get('offer') ?? $('choose').elements.offer.value];
    session.pick(cert.handle, seal?.es_id);
  };
  show('choose', 2, t('choose_title'));
}

const states = {
  qr: drawCode,
  claimed({ label, sas }) {
    clearInterval(countdown);
    connected = label;
    $('label').textContent = label;
    $('sas').textContent = sas;
    link('connected');
    problem();
    show('confirm', 2, t('claimed', { label, sas: [...sas].join(' ') }));
  },
  certs: offers,
  handover: () => waiting('handover'),
  review: () => {
    problem();
    waiting('review');
  },
  progress: ({ done, total }) => waiting('signing', { value: done, max: total }),
  signed({ download }) {
    $('download').href = download;
    files();
  },
  done({ ok, failed }) {
    if (!ok) return unfinished(failed[0]?.code);
    problem(failed.length ? t('unfinished_why', { why: errorText(failed[0].code) }) : '');
    $('done_note').textContent = t('done_note', { ok });
    $('finish').hidden = false;
    show('done', 3, t('done_title'));
  },
  broken: () => (connected ? link('broken') : problem(t('broken'))),
  away: () => link('away'),
  back: () => {
    link('connected');
    if (!connected) problem();
  },
  phone: ({ presence }) => link({ active: 'connected' }[presence] ?? presence),
  second_phone: () => problem(t('second_phone')),
  problem({ code, retryable }) {
    if (!retryable && session.cert) unfinished(code);
    else problem(errorText(code));
  },
  closed({ code, reason }) {
    leave();
    if (code === 'SESSION_EXPIRED' && !$('scan').hidden) return expire();
    const why = code ? errorText(code) : t(`bye_${reason}`);
    if (!$('done').hidden) {
      // What was signed stays on screen, with its download.
      $('done_note').textContent = why;
      $('finish').hidden = true;
      return;
    }
    $('ended_why').textContent = why;
    show('ended', 1, t('ended_title'));
    files();
  },
};

for (const element of document.querySelectorAll('[data-t]')) {
  if (texts[element.dataset.t]) element.textContent = texts[element.dataset.t];
}
document.documentElement.lang = lang;
Object.assign($('language'), lang === 'en' ? { href: '?lang=zh-CN', lang: 'zh-CN', textContent: '中文' } : {});

$('file').onchange = async ({ target }) => {
  await take([...target.files]);
  target.value = '';
};
for (const kind of ['dragenter', 'dragover', 'dragleave', 'drop']) {
  addEventListener(kind, (event) => {
    event.preventDefault();
    const free = !$('pick').hidden;
    $('drop').classList.toggle('over', free && /enter|over/.test(kind));
    if (kind === 'drop' && free) take([...event.dataTransfer.files]);
  });
}
$('enlarge').onclick = () => {
  const large = $('code').classList.toggle('large');
  $('enlarge').setAttribute('aria-pressed', large);
};
for (const id of ['refresh', 'renew', 'again']) $(id).onclick = () => begin(docs);
for (const id of ['back', 'home']) {
  $(id).onclick = () => {
    leave();
    home();
  };
}
for (const id of ['disconnect', 'finish', 'not_me']) $(id).onclick = () => session.end();
$('cancel').onclick = () => {
  session.cancel();
  unfinished();
};
$('another').onclick = () => home();
addEventListener('pagehide', () => session?.relay.close());

home();

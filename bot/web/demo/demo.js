// The demo's page: what the program says about itself, and two phones that follow the story.

import { Phone } from './phone.js';
import { watchState } from './state.js';

const byId = (id) => document.getElementById(id);
const stage = document.querySelector('.stage');
const phones = { left: new Phone('left', isResident), right: new Phone('right', (person) => !isResident(person)) };

function isResident(person) {
  return person.kind === 'resident';
}

function showSide(side) {
  stage.dataset.side = side;
  phones[side].mark();
  for (const tab of document.querySelectorAll('.tab')) tab.setAttribute('aria-pressed', String(tab.dataset.side === side));
}

/** The story's side where it says so, else the phone whose view just changed. */
function follow(focus) {
  const moved = Object.keys(phones).filter((side) => focus[side] && phones[side].follow(focus[side]));
  if (focus.side && focus.side !== stage.dataset.told) showSide(focus.side);
  else if (!focus.side && moved.length === 1) showSide(moved[0]);
  stage.dataset.told = focus.side || '';
}

function showState(state) {
  byId('trouble').hidden = true;
  byId('heard').textContent = state.heard;
  byId('stored').textContent = state.stored_chatter;
  byId('cases').textContent = state.cases;
  byId('play').disabled = state.playing;
  byId('stop').disabled = !state.playing;
  document.body.classList.toggle('playing', state.playing);
  if (state.caption && byId('caption').textContent !== state.caption) byId('caption').textContent = state.caption;
  phones.left.update(state.people);
  phones.right.update(state.people);
  if (state.focus) follow(state.focus);
}

async function ask(path, button) {
  button.disabled = true; // the next state says what is possible
  try {
    const answer = await fetch(path, { method: 'POST', credentials: 'same-origin' });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch (failed) {
    button.disabled = false;
    byId('trouble').hidden = false;
  }
}

byId('play').addEventListener('click', (event) => ask('demo/play', event.currentTarget));
byId('stop').addEventListener('click', (event) => ask('demo/stop', event.currentTarget));
for (const tab of document.querySelectorAll('.tab')) tab.addEventListener('click', () => showSide(tab.dataset.side));
for (const hint of document.querySelectorAll('.hint')) {
  hint.addEventListener('click', () => {
    showSide(hint.dataset.side);
    phones[hint.dataset.side].fill(hint.textContent);
  });
}

showSide('left');
watchState({ onState: showState, onTrouble: () => { byId('trouble').hidden = false; } });

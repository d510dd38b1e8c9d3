// One of the two phones: whose it is, and the chat in its frame.

const byId = (id) => document.getElementById(id);

const addressOf = (person, room) => `chat/${encodeURIComponent(person.seat)}/?embed=1${room ? `&room=${encodeURIComponent(room)}` : ''}`;

export class Phone {
  /** `belongs(person)`: whether a person may hold this phone. */
  constructor(side, belongs) {
    this.belongs = belongs;
    this.frame = byId(`phone-${side}`);
    this.switcher = byId(`people-${side}`);
    this.people = [];
    this.current = null;
    this.told = '';
    this.room = null;
    // What was said to a page that was still loading was not heard.
    this.frame.addEventListener('load', () => this.room && this.tell({ openRoom: this.room }));
  }

  update(people) {
    const mine = people.filter(this.belongs);
    const sign = JSON.stringify(mine.map(({ id, name, title, seat }) => [id, name, title, seat]));
    if (!mine.length || sign === this.sign) return;
    this.sign = sign;
    this.people = mine;
    this.draw();
    const same = this.current && mine.find((person) => person.id === this.current.id);
    // A demo that was started afresh gives everybody a new seat.
    if (!same || same.seat !== this.current.seat) this.hold(same || mine[0]);
  }

  draw() {
    this.switcher.textContent = '';
    this.people.forEach((person) => this.switcher.append(this.button(person)));
    this.mark();
  }

  button(person) {
    const button = document.createElement('button');
    const title = document.createElement('small');
    title.textContent = person.title;
    Object.assign(button, { type: 'button', className: 'person', title: person.title });
    Object.assign(button.dataset, { person: person.id, testid: `person-${person.id}` });
    button.append(person.name, person.title ? title : '');
    button.addEventListener('click', () => this.hold(person));
    return button;
  }

  mark() {
    for (const button of this.switcher.children) {
      const chosen = Boolean(this.current) && button.dataset.person === this.current.id;
      button.setAttribute('aria-pressed', String(chosen));
      if (chosen) this.switcher.scrollLeft = button.offsetLeft - this.switcher.offsetLeft - 40;
    }
  }

  /** Gives the phone to a person. The frame's own history stays short, so that "back" leaves the demo. */
  hold(person, room = person.room) {
    this.room = room;
    if (this.current && this.current.id === person.id && this.current.seat === person.seat) {
      this.tell({ openRoom: room });
      return;
    }
    this.current = person;
    this.frame.title = `${person.name}的手机`;
    this.frame.contentWindow.location.replace(new URL(addressOf(person, room), location.href).href);
    this.mark();
  }

  tell(message) {
    this.frame.contentWindow.postMessage(message, location.origin);
  }

  fill(text) {
    this.tell({ fill: text });
  }

  /** Moves with the story when the story moves; whoever switched by hand in between is left alone. True when it moved. */
  follow({ person: id, room }) {
    const told = `${id} ${room}`;
    if (told === this.told) return false;
    const person = this.people.find((one) => one.id === id);
    if (!person) return false;
    this.told = told;
    this.hold(person, room);
    return true;
  }
}

// ical.js as a judge (Thunderbird's family of parsers): reads one calendar per line (JSON, base64) and answers with its
// complaints and its moments. Started by ical_judges.py with the file of ical.js as argument.

import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { default: ICAL } = await import(pathToFileURL(process.argv[2]));

const seconds = (time) => (time.isDate ? Date.UTC(time.year, time.month - 1, time.day) / 1000 : time.toUnixTime());

/** Read every value: many mistakes show only then. */
function readAll(component) {
  for (const property of component.getAllProperties()) property.getValues();
  for (const child of component.getAllSubcomponents()) readAll(child);
}

function moments(calendar, since, until) {
  const events = calendar.getAllSubcomponents('vevent');
  const moved = events.filter((event) => event.hasProperty('recurrence-id'));
  const found = [];
  const note = (start) => {
    if (start >= since && start < until) found.push(start);
  };
  const uids = new Set();
  for (const event of events.filter((one) => !moved.includes(one))) {
    const uid = event.getFirstPropertyValue('uid');
    uids.add(uid);
    const exceptions = moved.filter((one) => one.getFirstPropertyValue('uid') === uid);
    const series = new ICAL.Event(event, { exceptions });
    if (!series.isRecurring()) {
      note(seconds(series.startDate));
      continue;
    }
    const iterator = series.iterator();
    for (let next = iterator.next(); next && seconds(next) < until; next = iterator.next()) {
      note(seconds(series.getOccurrenceDetails(next).startDate));
    }
  }
  for (const event of moved.filter((one) => !uids.has(one.getFirstPropertyValue('uid')))) {
    note(seconds(new ICAL.Event(event).startDate));
  }
  return found.sort((a, b) => a - b);
}

function judge({ ics, since, until }) {
  const complaints = [];
  let found = [];
  ICAL.TimezoneService.reset();
  try {
    const calendar = new ICAL.Component(ICAL.parse(Buffer.from(ics, 'base64').toString('utf8')));
    for (const zone of calendar.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone);
    readAll(calendar);
    for (const event of calendar.getAllSubcomponents('vevent')) {
      if (new ICAL.Event(event).duration.isNegative) complaints.push('an event ends before it starts');
    }
    found = moments(calendar, since, until);
  } catch (error) {
    complaints.push(String(error));
  }
  return { complaints, moments: found };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(judge(JSON.parse(line)))}\n`);
}

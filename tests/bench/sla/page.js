// Measures the clocks beside two libraries and a sum in plain JavaScript. Everything runs in one go,
// so that the page is whole when it has loaded.
import dayjs from "dayjs";
import businessTime from "dayjs-business-time";
import OpeningHours from "opening_hours";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const ZONES = [
  "Asia/Tokyo", "Asia/Hong_Kong", "Europe/London", "America/New_York", "Australia/Brisbane", "Etc/GMT",
];

const lines = [];
const say = (name, value) => lines.push(`${name.padEnd(58)}${value}`);
const number = (value) => Math.round(value).toLocaleString("en");

/// Runs `work(count)` a few times and takes the best: what disturbs it only makes it slower.
function rate(count, work, rounds = 5) {
  let best = Infinity;
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    work(count);
    best = Math.min(best, performance.now() - start);
  }
  return (count / best) * 1000;
}

function timed(work) {
  const start = performance.now();
  const result = work();
  return [performance.now() - start, result];
}

/// How far a zone's clock is ahead of UTC, by the browser's own knowledge.
function clockOf(zone) {
  const format = new Intl.DateTimeFormat("en-u-ca-iso8601", {
    timeZone: zone, hourCycle: "h23",
    year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  return (at) => {
    const part = {};
    for (const { type, value } of format.formatToParts(at)) part[type] = Number(value);
    const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
    return local - Math.floor(at / 1000) * 1000;
  };
}

// The same dice as in the module: 2024 to 2029, 10 minutes to 40 hours.
function questions(count) {
  const first = Date.UTC(2024, 1, 1);
  let seed = 42;
  const below = (end) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * end);
  };
  return Array.from({ length: count }, () => ({
    at: first + below(5 * 365 * 24 * 60) * MINUTE,
    minutes: 10 + below(2400),
  }));
}

/// Open time as a sum in plain JavaScript: UTC, no zones, no holidays, no pauses.
function plainSum() {
  const starts = [], ends = [], before = [];
  let sum = 0;
  for (let day = Date.UTC(2024, 0, 1); day < Date.UTC(2031, 0, 1); day += DAY) {
    const weekday = new Date(day).getUTCDay();
    if (weekday === 0 || weekday === 6) continue;
    starts.push(day + 570 * MINUTE);
    ends.push(day + 1050 * MINUTE);
    before.push(sum);
    sum += 480 * MINUTE;
  }
  const [from, to, passed] = [starts, ends, before].map((list) => Float64Array.from(list));
  return (at, length) => {
    let low = 0, high = from.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (from[middle] <= at) low = middle + 1; else high = middle;
    }
    const index = low - 1;
    const target = (index < 0 ? 0 : passed[index] + Math.min(at, to[index]) - from[index]) + length;
    low = Math.max(index, 0);
    high = from.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (passed[middle] + to[middle] - from[middle] < target) low = middle + 1; else high = middle;
    }
    return from[low] + target - passed[low];
  };
}

function main() {
  const clocks = ZONES.map(clockOf);
  const bytes = Uint8Array.from(atob(MODULE), (char) => char.charCodeAt(0));
  const module = new WebAssembly.Module(bytes);
  const { exports: sla } = new WebAssembly.Instance(module, {
    page: { ahead: (zone, at) => clocks[zone](at) },
  });
  sla.read_rules();
  const [probing, changes] = timed(() => sla.probe_zones());
  say("zones asked of Intl, 1990 to 2040", `${ZONES.length} with ${changes} changes in ${probing.toFixed(0)} ms`);
  const [building, ready] = timed(() => sla.build_calendars());
  say("calendars built, 2024 to 2030", `${ready} in ${building.toFixed(1)} ms`);

  const asked = questions(20_000);
  const holidays = ["2026-01-01", "2026-05-04", "2026-11-23"];
  dayjs.extend(businessTime);
  const hours = [{ start: "09:30:00", end: "17:30:00" }];
  dayjs.setBusinessTime({
    sunday: null, saturday: null,
    monday: hours, tuesday: hours, wednesday: hours, thursday: hours, friday: hours,
  });
  dayjs.setHolidays(holidays);
  const place = { lat: 35.7, lon: 139.7, address: { country_code: "jp", state: "" } };
  const oh = new OpeningHours("Mo-Fr 09:30-17:30; PH off", place);
  const add = plainSum();
  let sink = 0;

  const paused = rate(1_000_000, (count) => { sink += sla.deadlines(count, 1); });
  const unpaused = rate(1_000_000, (count) => { sink += sla.deadlines(count, 0); });
  const library = rate(2_000, (count) => {
    for (let i = 0; i < count; i += 1) sink += dayjs(asked[i].at).addBusinessMinutes(asked[i].minutes).valueOf() % DAY;
  }, 3);
  const opening = rate(2_000, (count) => {
    for (let i = 0; i < count; i += 1) {
      const at = asked[i].at;
      sink += oh.getOpenDuration(new Date(at), new Date(at + 7 * DAY))[0] % DAY;
    }
  }, 3);
  const plain = rate(1_000_000, (count) => {
    for (let i = 0; i < count; i += 1) {
      const one = asked[i % asked.length];
      sink += add(one.at, one.minutes * MINUTE) % DAY;
    }
  });

  say("Casement: zones, holidays and a pause each", `${number(paused)} deadlines a second`);
  say("Casement: zones and holidays", `${number(unpaused)} deadlines a second`);
  say("dayjs-business-time: no zones, three holidays, no pauses", `${number(library)} deadlines a second`);
  say("opening_hours: open time of 7 days, holidays, no zones", `${number(opening)} answers a second`);
  say("a sum in plain JavaScript: UTC, no holidays, no pauses", `${number(plain)} deadlines a second`);
  say("Casement with pauses : dayjs-business-time", `${number(paused / library)} times`);
  say("Casement with pauses : opening_hours", `${number(paused / opening)} times`);
  say("Casement with pauses : a sum in plain JavaScript", `${(paused / plain).toFixed(2)} times`);
  say("Casement without pauses : a sum in plain JavaScript", `${(unpaused / plain).toFixed(2)} times`);

  sla.make_cases(100_000);
  let best = Infinity, count = 0;
  for (let round = 0; round < 5; round += 1) {
    const [time, made] = timed(() => sla.all_clocks());
    best = Math.min(best, time);
    count = made;
  }
  say("all clocks of 100,000 cases", `${number(count)} clocks in ${best.toFixed(0)} ms`);
  if (!Number.isFinite(sink)) say("a sum is no number", String(sink));
}

try {
  main();
} catch (problem) {
  lines.push(`failed: ${problem.stack ?? problem}`);
}
document.body.textContent = lines.join("\n");

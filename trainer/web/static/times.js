// Times come in UTC: shown in the reader's own zone, with the zone said and UTC a hover away.
// A choice of zone starts with the reader's own.

const shape = new Intl.DateTimeFormat("en-GB", {
  day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});

for (const time of document.querySelectorAll("time[data-local]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  time.title = time.textContent;
  time.textContent = shape.format(moment);
}

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const choice of document.querySelectorAll("select[data-own-zone]")) {
  if ([...choice.options].some((option) => option.value === own)) choice.value = own;
}

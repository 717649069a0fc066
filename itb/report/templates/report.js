const selects = [...document.querySelectorAll("select[data-key]")];
const cards = [...document.querySelectorAll("article")];
const count = document.getElementById("count");
function show() {
  let shown = 0;
  for (const card of cards) {
    const fits = selects.every((select) => !select.value || card.dataset[select.dataset.key] === select.value);
    card.hidden = !fits;
    shown += fits ? 1 : 0;
  }
  if (count) count.textContent = `${shown} of ${cards.length} shown`;
}
for (const select of selects) {
  for (const value of [...new Set(cards.map((card) => card.dataset[select.dataset.key]))].sort()) {
    select.add(new Option(value, value));
  }
  select.addEventListener("change", show);
}
show();

const box = document.getElementById("search");
const shown = document.getElementById("shown");
const rows = [...document.querySelectorAll(".finding")];
const texts = rows.map((row) => row.textContent.toLowerCase());
function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  rows.forEach((row, at) => {
    row.hidden = !words.every((word) => texts[at].includes(word));
    count += row.hidden ? 0 : 1;
  });
  shown.textContent = words.length ? `${count} of ${rows.length} match` : "";
}
if (box) {
  box.parentElement.hidden = false;
  box.addEventListener("input", search);
}

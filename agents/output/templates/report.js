"use strict";
(() => {
  const box = document.getElementById("cards");
  const cards = [...box.querySelectorAll(".card")];
  const size = Number(box.dataset.pageSize);
  const find = document.getElementById("find");
  const filters = [...document.querySelectorAll("[data-filter]")];
  let page = 0;
  let status = "";

  const matches = (card) => {
    const wanted = find.value.trim().toLowerCase();
    const hasStatus = !status || card.dataset.status.split(" ").includes(status);
    return hasStatus && (!wanted || card.dataset.search.split(" ").some((word) => word.startsWith(wanted)));
  };

  const show = () => {
    const found = cards.filter(matches);
    const pages = Math.max(1, Math.ceil(found.length / size));
    page = Math.min(Math.max(page, 0), pages - 1);
    const shown = new Set(found.slice(page * size, (page + 1) * size));
    cards.forEach((card) => { card.hidden = !shown.has(card); });
    document.querySelector(".nothing").hidden = found.length > 0 || !cards.length;
    const first = found.length ? page * size + 1 : 0;
    const last = page * size + shown.size;
    document.querySelectorAll(".place").forEach((place) => {
      place.textContent = `${first}–${last} of ${found.length} · page ${page + 1} of ${pages}`;
    });
    document.querySelectorAll("[data-turn]").forEach((button) => {
      const turn = Number(button.dataset.turn);
      button.disabled = page + turn < 0 || page + turn >= pages;
    });
    filters.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.filter === status)));
  };

  const goToHash = () => {
    const card = cards.find((one) => `#${one.id}` === location.hash);
    if (!card) return;
    if (card.hidden) {
      status = "";
      find.value = "";
      page = Math.floor(cards.indexOf(card) / size);
      show();
    }
    card.scrollIntoView();
  };

  filters.forEach((button) => button.addEventListener("click", () => {
    status = button.dataset.filter;
    page = 0;
    show();
  }));
  document.querySelectorAll("[data-turn]").forEach((button) => button.addEventListener("click", () => {
    page += Number(button.dataset.turn);
    show();
    document.getElementById("images").scrollIntoView();
  }));
  find.addEventListener("input", () => {
    page = 0;
    show();
  });
  addEventListener("hashchange", goToHash);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((part) => { part.open = true; });
  });
  document.querySelectorAll(".controls").forEach((controls) => { controls.hidden = false; });
  show();
  goToHash();
})();

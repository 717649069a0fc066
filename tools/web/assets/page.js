// What sections share in the browser: the page's address as a permalink, keys, and clicks on rows.
window.studio = {
  // Put values into the address of the page without loading it anew; an empty one is left out.
  address(values) {
    const url = new URL(window.location.href);
    for (const [name, value] of Object.entries(values)) {
      if (value === null || value === undefined || value === "") url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    history.replaceState(history.state, "", url);
  },
  // A tab was opened. The first one opens by itself, before the page's address was read: it says nothing then.
  isOpen: false,
  open(section) {
    if (this.isOpen) this.address({ section });
  },
  // Press a button of Gradio's by its elem_id.
  press(id) {
    const found = document.getElementById(id);
    const button = found && (found.tagName === "BUTTON" ? found : found.querySelector("button"));
    if (button && !button.disabled) button.click();
  },
  keys: {},
  // Let a key press a button while a section is open and nothing is being written.
  key(section, key, id) {
    (this.keys[key] ||= []).push({ section, id });
  },
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], [role=listbox], [role=slider]")) return;
  const open = new URL(window.location.href).searchParams.get("section");
  const found = (window.studio.keys[event.key] || []).find((one) => !open || one.section === open);
  if (!found) return;
  event.preventDefault();
  window.studio.press(found.id);
});

// Keeps what is marked data-live fresh: fetches the page again and takes over what changed. Without this script pages
// refresh themselves as a whole. It waits while the page is hidden or text is selected.
"use strict";
(() => {
  const regions = () => document.querySelectorAll("[data-live][id]");
  if (regions().length === 0) return;
  const every = 3000;

  const selecting = (region) => {
    const selection = getSelection();
    return selection && !selection.isCollapsed && region.contains(selection.anchorNode);
  };

  // replace keeps the focus on the element of the same id.
  const replace = (region, fresh) => {
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    region.replaceChildren(...fresh.childNodes);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (answer.redirected) return location.reload(); // signed out meanwhile
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const region of regions()) {
      const fresh = page.getElementById(region.id);
      if (fresh && fresh.innerHTML !== region.innerHTML && !selecting(region)) replace(region, fresh);
    }
  };

  const loop = async () => {
    try {
      await refresh();
    } catch {
      // the node is away for a moment; the next round asks again
    }
    setTimeout(loop, every);
  };
  setTimeout(loop, every);
})();

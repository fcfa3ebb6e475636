(function () {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const frames = Array.from(document.querySelectorAll(".frame"));
  const [play, slider, count] = [byId("play"), byId("frame"), byId("count")];
  const last = frames.length - 1;
  if (last < 1) return;
  // The whole film takes ten seconds, or a second a frame if it has few.
  const period = Math.min(1000, Math.max(40, 10000 / frames.length));
  let shown = 0;
  let timer = null;

  function show(k) {
    shown = Math.min(last, Math.max(0, k));
    frames.forEach((frame, at) => { frame.hidden = at !== shown; });
    slider.value = String(shown);
    slider.setAttribute("aria-valuetext", frames[shown].querySelector("figcaption").textContent);
    count.textContent = (shown + 1) + " of " + frames.length;
  }

  function stop() {
    if (timer !== null) clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }

  function start() {
    if (shown === last) show(0);
    play.textContent = "Pause";
    timer = setInterval(() => {
      show(shown + 1);
      if (shown === last) stop();
    }, period);
  }

  const toggle = () => (timer === null ? start() : stop());
  const jump = (k) => { stop(); show(k); };

  play.addEventListener("click", toggle);
  byId("back").addEventListener("click", () => jump(shown - 1));
  byId("next").addEventListener("click", () => jump(shown + 1));
  slider.addEventListener("input", () => jump(Number(slider.value)));
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    // A button in focus is pressed by the space bar already, and would act twice.
    if (event.key === " " && event.target.tagName === "BUTTON") return;
    const act = {
      " ": toggle,
      ArrowLeft: () => jump(shown - 1),
      ArrowRight: () => jump(shown + 1),
      Home: () => jump(0),
      End: () => jump(last),
    }[event.key];
    if (!act) return;
    // Else the slider in focus would step once more, and space would scroll the page.
    event.preventDefault();
    act();
  });

  byId("player").hidden = false;
  byId("keys").hidden = false;
  show(0);
  // Nothing moves by itself for those who asked for less motion; the button still plays.
  if (!window.matchMedia?.("(prefers-reduced-motion: reduce)").matches) start();
})();

// The player against a page of five frames made of plain objects: `node player.test.js`.
"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");

const source = fs.readFileSync(path.join(__dirname, "player.js"), "utf8");

function element(tagName) {
  const heard = {};
  return {
    tagName, hidden: true, textContent: "", attributes: {},
    setAttribute(name, value) { this.attributes[name] = value; },
    addEventListener(name, act) { heard[name] = act; },
    fire(name, event) { heard[name](event); },
  };
}

function open(reduced) {
  const byId = {};
  for (const id of ["player", "keys", "count"]) byId[id] = element("DIV");
  for (const id of ["back", "play", "next"]) byId[id] = element("BUTTON");
  byId.play.textContent = "Play"; // as in the page
  byId.frame = element("INPUT");
  const frames = Array.from({ length: 5 }, (_, k) => (
    { hidden: k > 0, querySelector: () => ({ textContent: "t = " + k }) }
  ));
  const page = { ...element("HTML"), getElementById: (id) => byId[id], querySelectorAll: () => frames };
  const clock = { tick: null };
  vm.runInNewContext(source, {
    document: page,
    window: { matchMedia: () => ({ matches: reduced }) },
    setInterval: (act) => { clock.tick = act; return 1; },
    clearInterval: () => { clock.tick = null; },
  });
  const key = (name, more) => {
    let taken = false;
    const event = { key: name, target: { tagName: "BODY" }, preventDefault() { taken = true; }, ...more };
    page.fire("keydown", event);
    return taken;
  };
  // The frame that shows, and whether it plays; what the controls say must agree.
  const now = () => {
    const shown = frames.flatMap((frame, k) => (frame.hidden ? [] : [k]));
    assert.strictEqual(shown.length, 1);
    assert.strictEqual(byId.frame.value, String(shown[0]));
    assert.strictEqual(byId.frame.attributes["aria-valuetext"], "t = " + shown[0]);
    assert.strictEqual(byId.count.textContent, shown[0] + 1 + " of 5");
    assert.strictEqual(byId.play.textContent, clock.tick ? "Pause" : "Play");
    return shown[0] + (clock.tick ? " plays" : "");
  };
  return { byId, clock, key, now };
}

// Plays by itself, once, and from the start again.
let { byId, clock, key, now } = open(false);
assert.strictEqual(byId.player.hidden, false);
assert.strictEqual(now(), "0 plays");
for (let k = 0; k < 4; k++) clock.tick();
assert.strictEqual(now(), "4");
byId.play.fire("click");
assert.strictEqual(now(), "0 plays");
clock.tick();

// Keys: space, arrows that stay within the film, jumps; other keys are the browser's.
assert.ok(key(" "));
assert.strictEqual(now(), "1");
assert.ok(key("ArrowRight"));
assert.strictEqual(now(), "2");
for (let k = 0; k < 9; k++) key("ArrowLeft");
assert.strictEqual(now(), "0");
key("End");
key("ArrowRight");
assert.strictEqual(now(), "4");
key("Home");
assert.strictEqual(now(), "0");
assert.ok(!key("a") && !key("ArrowRight", { ctrlKey: true }));
assert.ok(!key(" ", { target: { tagName: "BUTTON" } }));
assert.strictEqual(now(), "0");

// A step by button or slider stops the play.
key(" ");
byId.next.fire("click");
assert.strictEqual(now(), "1");
byId.back.fire("click");
assert.strictEqual(now(), "0");
byId.frame.value = "3";
byId.frame.fire("input");
assert.strictEqual(now(), "3");

// Nothing moves by itself for those who asked for less motion.
({ byId, clock, key, now } = open(true));
assert.strictEqual(now(), "0");
key(" ");
assert.strictEqual(now(), "0 plays");

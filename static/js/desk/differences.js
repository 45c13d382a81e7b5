// Which words only one of two texts has: a comparison word by word, by ranges of the page; the texts stay as they are.

const MOST_COMPARED = 500_000; // characters of a text whose words are looked at
const MOST_CELLS = 60_000_000; // comparisons of two words; about a third of a second
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;

// The ranges that only the first and only the second text has (`only`), or why there are none, in words.
export function compare(one, other) {
  const tooLong = { words: "Too long to be compared word by word." };
  if ([one, other].some((text) => text.textContent.length > MOST_COMPARED)) return tooLong;
  const [a, b] = [words(one), words(other)];
  const blocks = common(a, b);
  if (!blocks) return tooLong;
  const only = [outside(a, blocks.map(([at, , size]) => [at, size])), outside(b, blocks.map(([, at, size]) => [at, size]))];
  return { only, words: only[0].length || only[1].length ? "" : "Word for word the same." };
}

function words(root) {
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const match of walker.currentNode.data.matchAll(WORD)) {
      found.push({ word: match[0], node: walker.currentNode, start: match.index, end: match.index + match[0].length });
    }
  }
  return found;
}

// Runs of words that both have, longest first and then on either side of it (Ratcliff and Obershelp). Shorter runs than
// three words are chance, unless the texts are short themselves. Null: too long.
export function common(a, b) {
  if (a.length * b.length > MOST_CELLS) return null;
  const numbers = new Map();
  const number = ({ word }) => numbers.get(word) ?? numbers.set(word, numbers.size).get(word);
  const [x, y] = [Int32Array.from(a, number), Int32Array.from(b, number)];
  const fewest = Math.max(a.length, b.length) < 60 ? 2 : 3;
  const blocks = [];
  const left = [[0, x.length, 0, y.length]];
  for (let cells = 0; left.length;) {
    const [a0, a1, b0, b1] = left.pop();
    cells += (a1 - a0) * (b1 - b0);
    if (cells > 2 * MOST_CELLS) break; // what is left counts as different
    const [at, bt, size] = longest(x, y, a0, a1, b0, b1);
    if (size < fewest) continue;
    blocks.push([at, bt, size]);
    left.push([a0, at, b0, bt], [at + size, a1, bt + size, b1]);
  }
  return blocks.sort((one, other) => one[0] - other[0]);
}

function longest(x, y, a0, a1, b0, b1) {
  let best = [a0, b0, 0];
  let before = new Int32Array(b1 - b0 + 1);
  for (let i = a0; i < a1; i++) {
    const now = new Int32Array(b1 - b0 + 1);
    for (let j = b0; j < b1; j++) {
      if (x[i] !== y[j]) continue;
      const size = (now[j - b0 + 1] = before[j - b0] + 1);
      if (size > best[2]) best = [i - size + 1, j - size + 1, size];
    }
    before = now;
  }
  return best;
}

function outside(found, blocks) {
  const ranges = [];
  let at = 0;
  for (const [start, size] of [...blocks, [found.length, 0]]) {
    if (start > at) {
      const range = new Range();
      range.setStart(found[at].node, found[at].start);
      range.setEnd(found[start - 1].node, found[start - 1].end);
      ranges.push(range);
    }
    at = start + size;
  }
  return ranges;
}

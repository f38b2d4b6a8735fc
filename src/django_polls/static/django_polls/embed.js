// Tells the page that a poll is embedded in how high it is. It tells nothing else, so any page may hear it.

const poll = document.body.dataset.pollsEmbed;
let told = 0;
const tell = () => {
  const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
  if (height === told) return;
  told = height;
  parent.postMessage({ type: "django-polls:height", poll, height }, "*");
};

if (poll && parent !== window) new ResizeObserver(tell).observe(document.documentElement);

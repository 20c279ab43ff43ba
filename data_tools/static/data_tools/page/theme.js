// Applies the choices that change how everything looks before the first thing is painted; a classic
// script, since modules run later. `preferences.js` keeps them.

try {
  const theme = localStorage.getItem("studio-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (localStorage.getItem("studio-motion") === "reduced") {
    document.documentElement.dataset.motion = "reduced";
  }
} catch {
  // The browser keeps nothing: the page looks as the system does.
}

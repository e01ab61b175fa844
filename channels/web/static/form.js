// Counts what is left in the fields that have a limit, stops files that are too large before they
// are sent, and shows how far sending is. The form does all it must without this.
// Old phones read it too: no syntax younger than they are.
(function () {
  "use strict";

  function length(text) {
    // As the server counts: trimmed, and an emoji is one character.
    return text.trim().replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g, "x").length;
  }

  function spelled(count) {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ".");
  }

  function counter(field) {
    var longest = Number(field.getAttribute("data-longest"));
    var shown = document.createElement("p");
    var spoken = document.createElement("p");
    var described = field.getAttribute("aria-describedby");
    shown.id = field.id + "-count";
    shown.className = "count";
    spoken.className = "unseen";
    spoken.setAttribute("role", "status");
    field.setAttribute("aria-describedby", (described ? described + " " : "") + shown.id);
    field.parentNode.appendChild(shown);
    field.parentNode.appendChild(spoken);

    function count() {
      var left = longest - length(field.value);
      var text = (left < 0 ? "Kelebihan " : "Sisa ") + spelled(Math.abs(left)) + " huruf";
      shown.textContent = text;
      shown.className = left < 0 ? "count error" : "count";
      // Read aloud once when it becomes too much, not at every key.
      if (left >= 0) {
        spoken.textContent = "";
      } else if (!spoken.textContent) {
        spoken.textContent = text;
      }
    }

    field.addEventListener("input", count);
    count();
  }

  function tooLarge(files) {
    var largest = Number(files.getAttribute("data-largest"));
    return Array.prototype.filter.call(files.files || [], function (file) {
      return file.size > largest;
    });
  }

  function watchFiles(files) {
    var form = files.form;
    var said = document.createElement("p");
    said.className = "error";
    said.setAttribute("role", "alert");
    files.parentNode.insertBefore(said, files);

    function check() {
      var names = tooLarge(files).map(function (file) {
        return file.name;
      });
      said.textContent = names.length ? "Terlalu besar: " + names.join(", ") + ". Pilih lagi." : "";
      return !names.length;
    }

    files.addEventListener("change", check);
    form.addEventListener("submit", function (event) {
      if (!check()) {
        event.preventDefault();
        files.focus();
      } else if (files.files && files.files.length && window.FormData) {
        event.preventDefault();
        send(form);
      }
    });
  }

  function send(form) {
    var button = form.querySelector("button");
    var progress = document.createElement("progress");
    var request = new XMLHttpRequest();
    var all = new FormData(form);
    all.append(button.name, button.value);
    progress.max = 1;
    progress.setAttribute("aria-label", "Mengirim lampiran");
    form.insertBefore(progress, button);
    button.disabled = true;

    function done() {
      progress.parentNode.removeChild(progress);
      button.disabled = false;
    }

    request.upload.addEventListener("progress", function (event) {
      if (event.lengthComputable) {
        progress.value = event.loaded / event.total;
      }
    });
    request.addEventListener("load", function () {
      done();
      if (request.responseURL.indexOf("/laporan/") > 0) {
        window.location.assign(request.responseURL); // where the answer led
      } else {
        document.open();
        document.write(request.responseText); // our own page: the mistakes
        document.close();
      }
    });
    request.addEventListener("error", function () {
      done();
      form.submit(); // as without scripts: the browser says what is wrong
    });
    request.open("POST", form.getAttribute("action"));
    request.send(all);
  }

  Array.prototype.forEach.call(document.querySelectorAll("[data-longest]"), counter);
  Array.prototype.forEach.call(document.querySelectorAll("[data-largest]"), watchFiles);
})();

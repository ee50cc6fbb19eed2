// fails: stopped
class Playlist {
  #songs = [];
  add(title) {
    this.#songs.push(title);
    return this;
  }
  get length() {
    let n = 0;
    while (this.#songs.at(n) !== null) {
      n++;
    }
    return n;
  }
}

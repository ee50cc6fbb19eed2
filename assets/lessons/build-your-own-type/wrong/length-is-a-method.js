// fails: counts.method
class Playlist {
  #songs = [];
  add(title) {
    this.#songs.push(title);
    return this;
  }
  length() {
    return this.#songs.length;
  }
}

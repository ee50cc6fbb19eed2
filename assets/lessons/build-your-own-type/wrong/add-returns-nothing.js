// fails: chain.nothing
class Playlist {
  #songs = [];
  add(title) {
    this.#songs.push(title);
  }
  get length() {
    return this.#songs.length;
  }
}

// fails: chain.other
class Playlist {
  #songs = [];
  add(title) {
    return this.#songs.push(title);
  }
  get length() {
    return this.#songs.length;
  }
}

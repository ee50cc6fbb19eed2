// fails: private.length
class Playlist {
  #songs = [];
  length = 0;
  add(title) {
    this.#songs.push(title);
    this.length += 1;
    return this;
  }
}

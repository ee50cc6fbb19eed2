// fails: counts.start
class Playlist {
  #songs = [];
  add(title) {
    return this;
  }
  get length() {
    return 1;
  }
}

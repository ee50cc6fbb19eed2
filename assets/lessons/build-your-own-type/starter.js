class Playlist {
  #songs = [];

  add(title) {
    // TODO: put title at the end of #songs, then return this playlist
  }

  // TODO: a getter `length`: how many songs there are
}

const evening = new Playlist();
evening.add('Blue');
console.log(evening.length);

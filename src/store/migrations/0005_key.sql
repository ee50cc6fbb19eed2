-- A key that all nodes of a site share, for what they sign for each other: positions in cookies.
create table signing_key (
  id integer primary key check (id = 1),
  key blob not null
) strict;
insert into signing_key values (1, randomblob(32));

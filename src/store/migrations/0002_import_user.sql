-- Which member stands for which name of the site that was imported; the empty name stands for deleted items.
create table import_user (name text primary key, user_id integer not null references user) strict, without rowid;

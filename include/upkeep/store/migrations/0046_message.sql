-- What came of a piece of work is its message, in every table alike.
alter table upkeep.table_maintenance rename column said to message;
alter table upkeep.archive_table rename column said to message;
alter table upkeep.restore_test rename column said to message;
alter table upkeep.drill_step rename column said to message;

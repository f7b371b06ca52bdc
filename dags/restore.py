"""
# Restore: a backup, back into a database, and proven

Started by hand only. Say in the form which backup (an id from the Backups page, or a target's name for its newest) and
where to: `scratch`, a server that is started for it and removed again, or `CONNECTION_ID/DATABASE`, a database that is
new or empty. Nothing that is there already is ever overwritten.

* **plan** looks everything up and changes nothing: the backup, its size, the destination, what would stand in the way.
* **approve** shows that plan to the database's owner and to those on call (people with `airflow` in the inventory),
  never to who asked when there is another. Refused or not answered within a day, nothing happens at all.
* **restore** restores exactly the backup that was approved, by its id and the checksum of its manifest, compares all
  of it with what was backed up, and is green only when it is the same. The Upkeep tab shows it table by table.

Killed, it may be cleared: a half-restored database carries a mark and is made again; others are left alone. Encrypted
backups are restored with `upkeep restore --identity FILE`, where the private key is; it has no place in Airflow.
"""

from airflow.sdk import DAG

from upkeep.airflow_bridge.restore_dag import restore_dag

dag: DAG = restore_dag(__doc__)

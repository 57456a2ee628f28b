-- A message from the person proves something of the address it came from, and of no other. Replies of before get
-- theirs where one person alone may have written them.
UPDATE contacts SET address = lower(written.address)
  FROM (SELECT reply_id, min(replies.address) AS address, min(contacts.contact_id) AS contact_id
          FROM replies JOIN contacts ON contacts.contact_id = reply_id || ':' || contacts.person_id
         GROUP BY reply_id HAVING count(*) = 1) AS written
 WHERE contacts.contact_id = written.contact_id AND contacts.address IS NULL;

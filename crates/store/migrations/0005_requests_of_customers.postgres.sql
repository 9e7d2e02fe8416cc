-- What others asked for in some customers is listed out of the index alone.
DROP INDEX permission_request_customer;
CREATE INDEX permission_request_customer ON permission_request
    (customer_id, created_at, id, requester_id);

DROP TABLE webhook_deliveries, webhook_cursors, webhooks;
DROP TYPE delivery_state, webhook_message, webhook_state;

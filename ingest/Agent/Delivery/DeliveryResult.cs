namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>What became of a report that was given to the cluster.</summary>
/// <param name="Failure">Why it was not delivered; null: the cluster has it.</param>
/// <param name="BrokerUnixMs">The broker's clock when it took the report; null where it does not tell.</param>
public readonly record struct DeliveryResult(string? Failure, long? BrokerUnixMs);

namespace Pipeline.Ingest.Agent.Delivery;

/// <summary>The way to the cluster.</summary>
public interface IReportWire : IDisposable
{
    /// <summary>Sends a record of vm.metrics. What became of it is told once, on any thread.</summary>
    void Send(string key, byte[] value, Action<DeliveryResult> told);

    /// <summary>Waits until all is delivered, at most so long.</summary>
    void Flush(TimeSpan timeout);
}

namespace Pipeline.Dispatcher.Fleet;

/// <summary>What a VM's expected free share was taken from: the ladder from the best to the simplest signal. With live feedback, completions correct the first three.</summary>
public enum SignalRung
{
    /// <summary>A prediction not older than <see cref="FleetOptions.PredictionSteps"/>.</summary>
    Prediction,

    /// <summary>The last own utilisation known, not older than <see cref="FleetOptions.UtilizationAge"/>.</summary>
    LastUtilization,

    /// <summary>Neither is current: what completions of the last minutes told.</summary>
    Feedback,

    /// <summary>Nothing current: the fleet's mean counts for the VM, so that only calls in flight and warm containers tell VMs apart.</summary>
    InFlightAndWarm,
}

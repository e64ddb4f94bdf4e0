namespace Pipeline.Predictor.Evaluation;

/// <summary>A method that forecasts a whole trace's VMs at one slot.</summary>
public interface IForecaster
{
    /// <summary>As it stands in results.</summary>
    string Name { get; }

    /// <summary>Whether busy probabilities are such, or only scores that rise with them.</summary>
    bool GivesProbabilities { get; }

    /// <summary>Forecasts all VMs.</summary>
    /// <param name="slot">The newest slot that is known of other VMs.</param>
    /// <param name="stale">So many of a VM's own newest slots are withheld.</param>
    /// <param name="quantiles">[vms, H, Q].</param>
    /// <param name="busy">[vms, H].</param>
    void Forecast(int slot, int stale, Span<float> quantiles, Span<float> busy);
}

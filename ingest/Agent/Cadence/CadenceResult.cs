namespace Pipeline.Ingest.Agent.Cadence;

/// <summary>What a trial came to. Errors are mean absolute errors of the utilisation.</summary>
public sealed class CadenceResult
{
    private double presentError, error, fullError;
    private long forecasts, busy, unseen;

    /// <summary>Slots with a value: reports at a fixed interval.</summary>
    public long Slots { get; set; }

    public long Reports { get; set; }

    public double ReportShare => Reports / (double)Slots;

    /// <summary>Of what is believed of the present.</summary>
    public double PresentError => presentError / Slots;

    /// <summary>Of the last value as a forecast, with every report and with those sent.</summary>
    public double FullForecastError => fullError / forecasts;

    public double ForecastError => error / forecasts;

    /// <summary>Share of busy slots in which the VM is believed not to be.</summary>
    public double BusyUnseen => busy == 0 ? 0 : unseen / (double)busy;

    internal void Believe(double cpu, double believed, double busyFrom)
    {
        presentError += Math.Abs(cpu - believed);
        if (cpu < busyFrom) return;
        busy++;
        if (believed < busyFrom) unseen++;
    }

    internal void Forecast(double later, double cpu, double believed)
    {
        forecasts++;
        fullError += Math.Abs(later - cpu);
        error += Math.Abs(later - believed);
    }
}

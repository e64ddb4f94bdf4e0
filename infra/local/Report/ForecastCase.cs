using Pipeline.Local.Audit;

namespace Pipeline.Local.Report;

/// <summary>One forecast and the peak that followed, share of the VM's cores.</summary>
public readonly record struct ForecastCase(string Vm, long EndUnixMs, Forecast Forecast, double RealPeak);

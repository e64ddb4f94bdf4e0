Console.WriteLine("predictor");
